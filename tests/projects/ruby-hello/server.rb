require "socket"

GREETING = "Hello from Ruby"

server = TCPServer.new("127.0.0.1", ENV.fetch("PORT").to_i)
loop do
  client = server.accept
  nil until client.gets.to_s.strip.empty?
  client.print "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n#{GREETING}\n"
  client.close
end
