// Prints the alerts of files by the package, one a line, for comparing them with those of the command.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	tocsin "example.com/tocsin/integrations/go"
)

func main() {
	ctx := context.Background()
	module, err := tocsin.Load(ctx, tocsin.Embedded())
	if err != nil {
		log.Fatal(err)
	}
	defer module.Close(ctx)
	pool, err := tocsin.NewPool(ctx, module, nil, 1)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close(ctx)
	for _, path := range os.Args[1:] {
		if err := print(ctx, pool, path); err != nil {
			log.Fatal(err)
		}
	}
}

func print(ctx context.Context, pool *tocsin.Pool, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for frame, err := range pool.Scan(ctx, file) {
		switch {
		case err != nil:
			return err
		case frame.Alert != nil:
			fmt.Printf("%s\n", frame.Alert.JSON)
		case frame.Error != nil:
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, frame.Error)
		}
	}
	return nil
}
