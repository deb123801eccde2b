data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

data "seam_acs_access_group" "visitors" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  name          = "Visitors"
}

data "seam_acs_user" "jane" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  email_address = "jane@example.com"
}

# Jane's credentials open the doors of the visitors.
resource "seam_acs_access_group_user" "jane" {
  acs_access_group_id = data.seam_acs_access_group.visitors.acs_access_group_id
  acs_user_id         = data.seam_acs_user.jane.acs_user_id
}
