# Every ACS user of one access system. Terraform stops at 100 unless the block sets a
# limit.
list "seam_acs_user" "headquarters" {
  provider = seam
  limit    = 1000

  config {
    acs_system_id = "2c9f0b1e-7d34-4e0a-8b59-6f2a4d1c3e5b"
  }
}
