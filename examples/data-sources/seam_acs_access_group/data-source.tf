data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

# By name, as the access system has it.
data "seam_acs_access_group" "staff" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  name          = "Staff"
}

# By ID.
data "seam_acs_access_group" "visitors" {
  acs_access_group_id = "6e7f8a9b-0c1d-4e2f-9a3b-4c5d6e7f8a9b"
}
