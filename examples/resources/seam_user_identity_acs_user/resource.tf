# Jane's account in the app holds her record in the access system.
resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
  acs_user_id      = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
}

# Many links, keyed by ACS user. When a person's user identity changes, the link
# of that ACS user is replaced: the old link is removed before the new one is
# added.
variable "links" {
  description = "User identity IDs by ACS user ID."
  type        = map(string)
  default     = {}
}

resource "seam_user_identity_acs_user" "person" {
  for_each = var.links

  acs_user_id      = each.key
  user_identity_id = each.value
}
