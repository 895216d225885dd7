// Copyright (c) 2026 aiops.kubernetes contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// A server that errs exactly as told, and a client that counts who erred.
//
//	errant                       serves on :9898, as its environment says
//	errant load URL RATE SECONDS asks URL so often and prints counts as JSON, by the pod that answered
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var bounds = []float64{0.005, 0.05, 0.1, 0.25, 0.5, 1, 2.5}

type server struct {
	lock     sync.Mutex
	counts   map[string]int
	buckets  map[float64]int
	requests int
	errors   int
	met      bool
	ready    atomic.Bool
	share    float64
	delay    time.Duration
	crash    float64
	metrics  string
}

func number(name string) float64 {
	value, _ := strconv.ParseFloat(os.Getenv(name), 64)
	return value
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "load" {
		load(os.Args[2], os.Args[3], os.Args[4])
		return
	}
	s := &server{counts: map[string]int{}, buckets: map[float64]int{}}
	s.share, s.delay = number("ERROR_SHARE"), time.Duration(number("DELAY_SECONDS")*float64(time.Second))
	s.crash, s.metrics = number("CRASH_AFTER_SECONDS"), os.Getenv("METRICS")
	s.ready.Store(os.Getenv("NEVER_READY") == "")
	if s.crash > 0 {
		time.AfterFunc(time.Duration(s.crash*float64(time.Second)), func() { say("crash"); os.Exit(3) })
	}
	if after := number("UNREADY_AFTER_SECONDS"); after > 0 {
		time.AfterFunc(time.Duration(after*float64(time.Second)), func() { s.ready.Store(false); say("unready") })
	}
	http.HandleFunc("/readyz", s.readyz)
	http.HandleFunc("/metrics", s.exposition)
	http.HandleFunc("/", s.root)
	fmt.Println(http.ListenAndServe(":9898", nil))
}

// When the criterion is met is written down by who knows best.
func say(what string) { fmt.Printf("%s at %d\n", what, time.Now().UnixMilli()) }

func (s *server) readyz(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		w.WriteHeader(503)
		// The kubelet has just been told.
		say("unready seen")
	}
}

func (s *server) root(w http.ResponseWriter, _ *http.Request) {
	start := time.Now()
	time.Sleep(s.delay)
	s.lock.Lock()
	s.requests++
	// Exactly this share, spread evenly.
	bad := math.Floor(float64(s.requests)*s.share) > math.Floor(float64(s.requests-1)*s.share)
	status := "200"
	if bad {
		status = "500"
		s.errors++
	}
	s.counts[status]++
	seconds := time.Since(start).Seconds()
	for _, bound := range bounds {
		if seconds <= bound {
			s.buckets[bound]++
		}
	}
	over := s.requests >= 20 && s.errors >= 3 && float64(s.errors)/float64(s.requests) > 0.05
	if over && !s.met {
		s.met = true
		say("over")
	}
	s.lock.Unlock()
	name, _ := os.Hostname()
	w.Header().Set("X-Pod", name)
	if bad {
		w.WriteHeader(500)
	}
	_, _ = io.WriteString(w, status)
}

func (s *server) exposition(w http.ResponseWriter, _ *http.Request) {
	switch s.metrics {
	case "none":
		w.WriteHeader(404)
		return
	case "slow":
		time.Sleep(30 * time.Second)
	case "lies":
		_, _ = io.WriteString(w, "<html><body>http_requests_total 1000</body></html>\n")
		return
	case "huge":
		for i := 0; i < 400000; i++ {
			if _, err := fmt.Fprintf(w, "filler_total{number=\"%d\"} 1\n", i); err != nil {
				return
			}
		}
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	fmt.Fprint(w, "# TYPE http_request_duration_seconds histogram\n")
	for _, bound := range bounds {
		fmt.Fprintf(w, "http_request_duration_seconds_bucket{path=\"root\",le=\"%g\"} %d\n", bound, s.buckets[bound])
	}
	fmt.Fprintf(w, "http_request_duration_seconds_bucket{path=\"root\",le=\"+Inf\"} %d\n", s.requests)
	for _, status := range []string{"200", "500"} {
		fmt.Fprintf(w, "http_request_duration_seconds_count{path=\"root\",status=\"%s\"} %d\n", status, s.counts[status])
	}
}

type tally struct {
	Requests int            `json:"requests"`
	Failed   map[string]int `json:"failed"`
	Answered map[string]int `json:"answered"`
}

func load(url, rate, seconds string) {
	perSecond, _ := strconv.ParseFloat(rate, 64)
	lasts, _ := strconv.ParseFloat(seconds, 64)
	total := tally{Failed: map[string]int{}, Answered: map[string]int{}}
	var lock sync.Mutex
	var waiting sync.WaitGroup
	// A new connection each time, so that the Service chooses a pod each time.
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ends := time.Now().Add(time.Duration(lasts * float64(time.Second)))
	tick := time.NewTicker(time.Duration(float64(time.Second) / perSecond))
	shown := time.Now()
	for time.Now().Before(ends) {
		<-tick.C
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			pod, good := ask(&client, url)
			lock.Lock()
			defer lock.Unlock()
			total.Requests++
			if good {
				total.Answered[pod]++
			} else {
				total.Failed[pod]++
			}
		}()
		if time.Since(shown) > time.Second {
			shown = time.Now()
			show(&lock, &total)
		}
	}
	waiting.Wait()
	show(&lock, &total)
}

func show(lock *sync.Mutex, total *tally) {
	lock.Lock()
	defer lock.Unlock()
	line, _ := json.Marshal(total)
	fmt.Println(string(line))
}

func ask(client *http.Client, url string) (string, bool) {
	answer, err := client.Get(url)
	if err != nil {
		return "none: " + strings.SplitN(err.Error(), ": ", 2)[0], false
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.Header.Get("X-Pod"), answer.StatusCode < 500
}
