export * from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
