const express = require("express");

const GREETING = "Hello from Express";
const notes = [];

const app = express();
app.use(express.json());

app.get("/", (request, response) => response.json({ message: GREETING }));
app.get("/notes", (request, response) => response.json({ notes }));
app.post("/notes", (request, response) => {
  notes.push(request.body.text);
  response.status(201).json({ number: notes.length });
});

const port = process.env.PORT || 3000;
app.listen(port, () => console.log(`listening on ${port}`));
