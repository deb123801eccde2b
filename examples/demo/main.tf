# What `make demo` applies to a Seam of its own. Two maps of IDs come from the
# demo; against a workspace of yours they would come from data sources or from
# wherever you keep them.

terraform {
  required_providers {
    seam = {
      source = "seamapi/seam"
    }
  }
}

# The API key comes from the environment variable SEAM_API_KEY.
provider "seam" {}

variable "acs_users" {
  description = "IDs of ACS users, the records of people in access systems, by name."
  type        = map(string)
}

variable "user_identities" {
  description = "IDs of user identities, the accounts of people in the app, by name."
  type        = map(string)
}

locals {
  # Who may use which ACS user. The ACS user is the key: handing one to somebody
  # else replaces its link, and the old link goes before the new one comes.
  access = {
    amira_salto = "amira"
    jane_garage = "jane"
  }
}

resource "seam_user_identity_acs_user" "access" {
  for_each = local.access

  acs_user_id      = var.acs_users[each.key]
  user_identity_id = var.user_identities[each.value]
}
