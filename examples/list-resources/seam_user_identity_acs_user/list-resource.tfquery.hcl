# The links of two access systems. No link is in two lists.
list "seam_user_identity_acs_user" "headquarters" {
  provider = seam
  limit    = 10000

  config {
    acs_system_id = "2c9f0b1e-7d34-4e0a-8b59-6f2a4d1c3e5b"
  }
}

list "seam_user_identity_acs_user" "garage" {
  provider = seam
  limit    = 10000

  config {
    acs_system_id = "9b1d4f7a-2e5c-4d8b-a3f6-7c0e1b2d3a4f"
  }
}
