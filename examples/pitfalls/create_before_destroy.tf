resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
  acs_user_id      = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
}

resource "terraform_data" "badge" {
  input = seam_user_identity_acs_user.jane.acs_user_id

  # Do not do this: the link inherits it, and can no longer be replaced.
  lifecycle {
    create_before_destroy = true
  }
}
