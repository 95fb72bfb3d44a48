// How does a small unary call compare with a raw ws + msgpackr echo, one message per call, at 1, 64 and 1024 outstanding?
import { benchmark } from "./harness/benchmark.js";

await benchmark({
  question:
    "How does a small unary call compare with a raw ws + msgpackr echo, one message per call, at 1, 64 and 1024 outstanding?",
  workload: "hello",
  floor: "9a",
});
