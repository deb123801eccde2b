# The memberships of an access system.
list "seam_acs_access_group_user" "headquarters" {
  provider = seam
  limit    = 10000

  config {
    acs_system_id = "2c9f0b1e-7d34-4e0a-8b59-6f2a4d1c3e5b"
  }
}
