# Jane's account in the app.
resource "seam_user_identity" "jane" {
  user_identity_key = "jane_doe"
  full_name         = "Jane Doe"
  email_address     = "jane@example.com"

  # Destroying a user identity deletes its ACS users.
  lifecycle {
    prevent_destroy = true
  }
}
