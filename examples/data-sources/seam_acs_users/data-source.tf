# Links the people of an access system to the user identities that have the same
# email addresses.
data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

data "seam_acs_users" "headquarters" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
}

data "seam_user_identities" "all" {}

locals {
  # Not everybody has an email address. Two user identities with the same one are
  # an error here: Terraform refuses a key that comes twice.
  user_identity_ids = {
    for identity in data.seam_user_identities.all.user_identities :
    lower(identity.email_address) => identity.user_identity_id
    if identity.email_address != null
  }
  email_addresses = {
    for user in data.seam_acs_users.headquarters.acs_users :
    user.acs_user_id => lower(user.email_address)
    if user.email_address != null
  }
}

resource "seam_user_identity_acs_user" "headquarters" {
  for_each = {
    for acs_user_id, email_address in local.email_addresses :
    acs_user_id => local.user_identity_ids[email_address]
    if contains(keys(local.user_identity_ids), email_address)
  }

  acs_user_id      = each.key
  user_identity_id = each.value
}

# Who has no account in the app, or none with that email address.
output "without_user_identity" {
  value = [
    for user in data.seam_acs_users.headquarters.acs_users : user.display_name
    if !contains(keys(seam_user_identity_acs_user.headquarters), user.acs_user_id)
  ]
}
