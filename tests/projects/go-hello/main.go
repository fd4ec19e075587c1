package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"example.org/go-hello/words"
)

func main() {
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(answer, words.Greeting())
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
