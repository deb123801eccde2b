# User identities by ACS user. The ACS user is the key, so a change of the user
# identity replaces the link: the old link is removed before the new one is added.
locals {
  user_identity_by_acs_user = {
    "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59" = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
    "1d7f3c92-0b6e-4a58-9c41-e2f5a6b7c8d9" = "7b3e2f60-1c4d-4e8f-8a9b-0c1d2e3f4a5b"
  }
}

resource "seam_user_identity_acs_user" "person" {
  for_each = local.user_identity_by_acs_user

  acs_user_id      = each.key
  user_identity_id = each.value
}
