# By the name in the Seam Console.
data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

# By ID.
data "seam_acs_system" "garage" {
  acs_system_id = "2c9f0b1e-7d34-4e0a-8b59-6f2a4d1c3e5b"
}
