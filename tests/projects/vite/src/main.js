import "./style.css";
import { greeting } from "./greeting.js";

document.querySelector("#greeting").textContent = greeting;
