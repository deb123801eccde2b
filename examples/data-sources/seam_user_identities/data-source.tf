# All user identities of the workspace.
data "seam_user_identities" "all" {}

# Those with these IDs.
data "seam_user_identities" "pilot" {
  user_identity_ids = [
    "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e",
    "7b3e2f60-1c4d-4e8f-8a9b-0c1d2e3f4a5b",
  ]
}

output "without_email_address" {
  value = [
    for identity in data.seam_user_identities.all.user_identities : identity.display_name
    if identity.email_address == null
  ]
}
