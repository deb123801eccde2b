# Every user identity of the workspace. Terraform stops at 100 unless the block sets
# a limit.
list "seam_user_identity" "all" {
  provider = seam
  limit    = 1000
}

# One person, with all attributes.
list "seam_user_identity" "jane" {
  provider         = seam
  include_resource = true

  config {
    search = "jane@example.com"
  }
}
