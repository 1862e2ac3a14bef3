// The conformance suite's driver in Go: requests on standard input, replies on standard output, as
// tests/drivers/README.md describes them. It calls modules through the package.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	tocsin "example.com/tocsin/integrations/go"
)

type driver struct {
	modules   []*tocsin.Module
	instances map[uint32]*tocsin.Instance
	started   uint32
}

func (d *driver) perform(ctx context.Context, kind byte, number uint32, first, second []byte) (tocsin.Answer, error) {
	done := func(number uint32, err error) (tocsin.Answer, error) {
		return tocsin.Answer{Status: tocsin.Status(number)}, err
	}
	switch kind {
	case 'l':
		// The suite's largest batches are larger than a service would allow.
		module, err := tocsin.Load(ctx, first, tocsin.WithMemoryLimit(4<<30))
		d.modules = append(d.modules, module)
		return done(uint32(len(d.modules)-1), err)
	case 's':
		instance, err := d.modules[number].NewInstance(ctx)
		d.started++
		d.instances[d.started] = instance
		return done(d.started, err)
	}
	instance := d.instances[number]
	switch kind {
	case 'e':
		delete(d.instances, number)
		return done(0, instance.Close(ctx))
	case 'd':
		return instance.Describe(ctx)
	case 'c':
		return instance.Configure(ctx, first)
	case 'j':
		return instance.Detect(ctx, first)
	case 'x':
		return instance.Explain(ctx, string(first), second)
	}
	return tocsin.Answer{}, fmt.Errorf("no request begins with %q", kind)
}

func (d *driver) reply(request []byte) []byte {
	number, size := binary.LittleEndian.Uint32(request[1:]), binary.LittleEndian.Uint32(request[5:])
	arguments := request[9:]
	answer, err := d.perform(context.Background(), request[0], number, arguments[:size], arguments[size:])
	failed := byte(0)
	if err != nil {
		failed, answer = 1, tocsin.Answer{Text: []byte(err.Error())}
	}
	message := binary.LittleEndian.AppendUint32([]byte{failed}, uint32(answer.Status))
	return append(binary.LittleEndian.AppendUint32(message, answer.Count), answer.Text...)
}

func main() {
	d := driver{instances: map[uint32]*tocsin.Instance{}}
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return
		}
		request := make([]byte, binary.LittleEndian.Uint32(length[:]))
		if _, err := io.ReadFull(in, request); err != nil {
			panic(err)
		}
		reply := d.reply(request)
		binary.LittleEndian.PutUint32(length[:], uint32(len(reply)))
		_, _ = out.Write(length[:])
		_, _ = out.Write(reply)
		if err := out.Flush(); err != nil {
			panic(err)
		}
	}
}
