# Every link of the workspace. Terraform stops at 100 unless it is told otherwise.
list "seam_user_identity_acs_user" "all" {
  provider = seam
  limit    = 1000
}

# The links of one access system.
list "seam_user_identity_acs_user" "headquarters" {
  provider = seam
  limit    = 1000

  config {
    acs_system_id = "2c9f0b1e-7d34-4e0a-8b59-6f2a4d1c3e5b"
  }
}

# One person's links, with all of their attributes.
list "seam_user_identity_acs_user" "jane" {
  provider         = seam
  include_resource = true

  config {
    user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
  }
}
