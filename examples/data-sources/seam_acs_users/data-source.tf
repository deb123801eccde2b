# Links the people in an access system to the user identities with the same email
# address.
data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

data "seam_acs_users" "headquarters" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
}

data "seam_user_identities" "all" {}

locals {
  # Only printable ASCII: lower() changes a letter such as İ to a plain one, which is
  # the address of another person. In Terraform 1.8 and OpenTofu 1.7 and later, use
  # provider::seam::normalize_email() instead.
  plain = "^[!-~]+$"

  # Two people with one address are an error, because a key must be unique.
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

# People without a user identity with their email address.
output "without_user_identity" {
  value = [
    for user in data.seam_acs_users.headquarters.acs_users : user.display_name
    if !contains(keys(seam_user_identity_acs_user.headquarters), user.acs_user_id)
  ]
}
