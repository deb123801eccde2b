# The user identities of the workspace, by email address. Identities without an
# address, and with one that could be a lookalike, are left out.
data "seam_user_identities" "all" {}

locals {
  user_identity_ids = {
    for identity in data.seam_user_identities.all.user_identities :
    provider::seam::normalize_email(identity.email_address) => identity.user_identity_id
    if provider::seam::normalize_email(identity.email_address) != null
  }
}

# One person, whatever the case in which the address is written.
output "jane" {
  value = local.user_identity_ids[provider::seam::normalize_email("Jane@Example.com")]
}
