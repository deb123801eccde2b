terraform {
  required_providers {
    seam = {
      source = "seamapi/seam"
    }
  }
}

# The API key comes from the environment variable SEAM_API_KEY.
provider "seam" {}
