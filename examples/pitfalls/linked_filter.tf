data "seam_acs_users" "all" {}

# Do not do this: after the first apply, user_identity_id is not null, and the second
# plan destroys the links.
resource "seam_user_identity_acs_user" "jane" {
  for_each = toset([
    for user in data.seam_acs_users.all.acs_users : user.acs_user_id
    if user.email_address == "jane@example.com" && user.user_identity_id == null
  ])

  acs_user_id      = each.key
  user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
}
