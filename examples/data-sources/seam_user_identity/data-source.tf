# By email address.
data "seam_user_identity" "jane" {
  email_address = "jane@example.com"
}

# By the key in your app.
data "seam_user_identity" "john" {
  user_identity_key = "john_smith"
}

# Jane's ACS users in all access systems.
output "acs_user_ids" {
  value = data.seam_user_identity.jane.acs_user_ids
}
