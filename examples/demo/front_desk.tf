# Priya stands in at the front desk this week.
resource "seam_user_identity_acs_user" "front_desk" {
  acs_user_id      = var.acs_users["front_desk"]
  user_identity_id = var.user_identities["priya"]
}
