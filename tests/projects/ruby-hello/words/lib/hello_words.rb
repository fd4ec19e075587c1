module HelloWords
  END_OF_IT = ", and a gem"
end
