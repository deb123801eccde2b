# Jane's account, and her record in the access system.
data "seam_user_identity" "jane" {
  email_address = "jane@example.com"
}

data "seam_acs_system" "garage" {
  name = "Visionline Garage"
}

data "seam_acs_user" "jane" {
  acs_system_id = data.seam_acs_system.garage.acs_system_id
  email_address = "jane@example.com"
}

action "seam_user_identity_remove_acs_user" "offboard" {
  config {
    user_identity_id = data.seam_user_identity.jane.user_identity_id
    acs_user_id      = data.seam_acs_user.jane.acs_user_id
  }
}
