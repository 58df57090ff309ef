// The page Now follows the floor as the console does; it asks for nothing, so this is all it needs.

import { start } from "./asking.js";

start();
