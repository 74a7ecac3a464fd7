// SPDX-License-Identifier: MIT

// Timers of Go, judged by the wall clock until so many seconds have passed.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

const slack = 1500 * time.Millisecond

// Round(0) takes the monotonic reading away, which is what is to be judged.
func wall() time.Time { return time.Now().Round(0) }

func check(what string, begin time.Time, wanted time.Duration) {
	took := wall().Sub(begin)
	if took < wanted-20*time.Millisecond || took > wanted+slack {
		fmt.Fprintf(os.Stderr, "%s took %v, not %v\n", what, took, wanted)
		os.Exit(1)
	}
}

func measured(what string, wanted time.Duration, f func()) {
	begin, clock := wall(), time.Now()
	f()
	check(what, begin, wanted)
	if since := time.Since(clock); since < wanted-20*time.Millisecond || since > wanted+slack {
		fmt.Fprintf(os.Stderr, "time.Since(%s) is %v\n", what, since)
		os.Exit(1)
	}
}

func deadline() {
	server, _ := net.Listen("tcp", "127.0.0.1:0")
	defer server.Close()
	client, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		panic(err)
	}
	defer client.Close()
	client.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
	client.Read(make([]byte, 1))
}

func withTimeout() {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	<-ctx.Done()
}

func ticker() {
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for i := 0; i < 5; i++ {
		<-t.C
	}
}

func main() {
	seconds, _ := strconv.ParseFloat(os.Args[1], 64)
	end := wall().Add(time.Duration(seconds * float64(time.Second)))
	for wall().Before(end) {
		var group sync.WaitGroup
		for _, c := range []struct {
			what   string
			wanted time.Duration
			f      func()
		}{
			{"time.Sleep", time.Millisecond, func() { time.Sleep(time.Millisecond) }},
			{"time.After", time.Second, func() { <-time.After(time.Second) }},
			{"a ticker", 500 * time.Millisecond, ticker},
			{"context.WithTimeout", 300 * time.Millisecond, withTimeout},
			{"a read deadline", 400 * time.Millisecond, deadline},
		} {
			group.Add(1)
			go func() { defer group.Done(); measured(c.what, c.wanted, c.f) }()
		}
		group.Wait()
	}
}
