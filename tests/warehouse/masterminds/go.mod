module towline.invalid/tests/warehouse/masterminds

go 1.25

// What Kargo reads constraints with: https://github.com/akuity/kargo/blob/main/go.mod
require github.com/Masterminds/semver/v3 v3.5.0
