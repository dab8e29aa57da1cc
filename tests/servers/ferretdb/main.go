// Command ferretdb speaks MongoDB's protocol on a free port of 127.0.0.1 and keeps the data in the PostgreSQL given.
//
// It prints its MongoDB URL on one line, and ends when its standard input does: whoever started it is gone then.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/v2/ferretdb"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "Usage: ferretdb POSTGRESQL_URL STATE_DIRECTORY")
		os.Exit(2)
	}

	telemetry := false
	server, err := ferretdb.New(&ferretdb.Config{
		PostgreSQLURL: os.Args[1],
		ListenAddr:    "127.0.0.1:0",
		StateDir:      os.Args[2],
		LogLevel:      slog.LevelError,
		LogOutput:     os.Stderr,
		Telemetry:     &telemetry,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "FerretDB could not start:", err)
		os.Exit(1)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	go func() { fmt.Println(server.MongoDBURI()) }()

	server.Run(ctx)
}
