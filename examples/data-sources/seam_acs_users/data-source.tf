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
  # Addresses are compared without regard to case, and only if they are plain:
  # lower() turns a letter such as İ into a plain one, and that is the address of
  # somebody else. An address that comes twice is an error here: Terraform
  # refuses a key that comes twice.
  plain = "^[!-~]+$"

  acs_user_ids = {
    for user in data.seam_acs_users.headquarters.acs_users :
    lower(user.email_address) => user.acs_user_id
    if can(regex(local.plain, user.email_address))
  }
  user_identity_ids = {
    for identity in data.seam_user_identities.all.user_identities :
    lower(identity.email_address) => identity.user_identity_id
    if can(regex(local.plain, identity.email_address))
  }
}

resource "seam_user_identity_acs_user" "headquarters" {
  for_each = {
    for email_address, acs_user_id in local.acs_user_ids :
    acs_user_id => local.user_identity_ids[email_address]
    if can(local.user_identity_ids[email_address])
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
