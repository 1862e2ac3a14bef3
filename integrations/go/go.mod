// The path is a placeholder: whoever publishes the package puts the repository's address here.
module example.com/tocsin/integrations/go

go 1.25.0

require github.com/tetratelabs/wazero v1.12.0

require golang.org/x/sys v0.44.0 // indirect
