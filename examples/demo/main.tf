# What `make demo` applies: Nina's account, her record in an access system, the link
# between them, and an access group.

terraform {
  required_providers {
    seam = {
      source = "seamapi/seam"
    }
  }
}

# The API key comes from the environment variable SEAM_API_KEY.
provider "seam" {}

data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

data "seam_acs_access_group" "staff" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  name          = "Staff"
}

resource "seam_user_identity" "nina" {
  user_identity_key = "user-4711"
  full_name         = "Nina Novak"
  email_address     = "nina@example.com"
}

resource "seam_acs_user" "nina" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  full_name     = "Nina Novak"
  email_address = "nina@example.com"
}

resource "seam_user_identity_acs_user" "nina" {
  user_identity_id = seam_user_identity.nina.user_identity_id
  acs_user_id      = seam_acs_user.nina.acs_user_id
}

resource "seam_acs_access_group_user" "nina_staff" {
  acs_access_group_id = data.seam_acs_access_group.staff.acs_access_group_id
  acs_user_id         = seam_acs_user.nina.acs_user_id
}
