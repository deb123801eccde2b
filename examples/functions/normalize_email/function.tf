# User identities by email address, without those that have no address, or one that
# could be a lookalike.
data "seam_user_identities" "all" {}

locals {
  user_identity_ids = {
    for identity in data.seam_user_identities.all.user_identities :
    provider::seam::normalize_email(identity.email_address) => identity.user_identity_id
    if provider::seam::normalize_email(identity.email_address) != null
  }
}

# The user identity of one person. The address is case-insensitive.
output "jane" {
  value = local.user_identity_ids[provider::seam::normalize_email("Jane@Example.com")]
}
