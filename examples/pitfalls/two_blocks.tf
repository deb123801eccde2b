# Do not do this: an ACS user has one link, and one resource manages it.
resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
  acs_user_id      = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
}

resource "seam_user_identity_acs_user" "garage" {
  user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
  acs_user_id      = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
}
