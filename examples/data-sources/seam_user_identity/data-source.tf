# By email address.
data "seam_user_identity" "jane" {
  email_address = "jane@example.com"
}

# By the key that the app gave the person.
data "seam_user_identity" "john" {
  user_identity_key = "john_smith"
}

# All of Jane's ACS users, in whatever access system.
output "acs_user_ids" {
  value = data.seam_user_identity.jane.acs_user_ids
}
