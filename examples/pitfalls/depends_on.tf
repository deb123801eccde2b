# Any resource that a plan changes.
resource "terraform_data" "building" {
  input = "Harbour House"
}

data "seam_user_identity" "jane" {
  email_address = "jane@example.com"

  # Do not do this: whenever a plan changes the building, the ID below is unknown until
  # apply, and the plan replaces the link.
  depends_on = [terraform_data.building]
}

resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = data.seam_user_identity.jane.user_identity_id
  acs_user_id      = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
}
