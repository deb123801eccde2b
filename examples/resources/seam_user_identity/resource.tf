# Jane's account in your app.
resource "seam_user_identity" "jane" {
  user_identity_key = "jane_doe"
  full_name         = "Jane Doe"
  email_address     = "jane@example.com"

  # Deleting a user identity deletes its ACS users.
  lifecycle {
    prevent_destroy = true
  }
}
