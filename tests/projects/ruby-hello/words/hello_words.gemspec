Gem::Specification.new do |gem|
  gem.name = "hello_words"
  gem.version = "0.1.0"
  gem.summary = "How a greeting ends"
  gem.authors = ["Payments"]
  gem.license = "MIT"
  gem.homepage = "https://example.org"
  gem.files = ["lib/hello_words.rb"]
end
