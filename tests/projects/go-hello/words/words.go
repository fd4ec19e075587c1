package words

func Greeting() string {
	return "Hello from Go"
}
