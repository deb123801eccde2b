data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

# Jane's record in the access system.
data "seam_acs_user" "jane" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  email_address = "jane@example.com"
}

# Jane's account in your app.
data "seam_user_identity" "jane" {
  email_address = "jane@example.com"
}

resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = data.seam_user_identity.jane.user_identity_id
  acs_user_id      = data.seam_acs_user.jane.acs_user_id
}
