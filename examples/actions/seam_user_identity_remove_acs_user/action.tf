# Takes Jane's access away now:
#
#   terraform apply -invoke=action.seam_user_identity_remove_acs_user.offboard
#
# If Terraform manages the link, take the resource out of the configuration too:
# the next apply adds it again otherwise.
action "seam_user_identity_remove_acs_user" "offboard" {
  config {
    user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
    acs_user_id      = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
  }
}
