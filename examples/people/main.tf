# The names are the keys, because the IDs are unknown until apply. The plan shows
# seam_user_identity_acs_user.person["nina"].
locals {
  people = {
    nina = { full_name = "Nina Novak", email_address = "nina@example.com" }
    omar = { full_name = "Omar Reyes", email_address = "omar@example.com" }
  }
}

data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

resource "seam_user_identity" "person" {
  for_each = local.people

  full_name     = each.value.full_name
  email_address = each.value.email_address
}

resource "seam_acs_user" "person" {
  for_each = local.people

  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  full_name     = each.value.full_name
  email_address = each.value.email_address
}

resource "seam_user_identity_acs_user" "person" {
  for_each = local.people

  user_identity_id = seam_user_identity.person[each.key].user_identity_id
  acs_user_id      = seam_acs_user.person[each.key].acs_user_id
}
