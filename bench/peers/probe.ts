import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as jax from "@jax-js/jax";
import convnetjs from "convnetjs";
console.log(Object.keys(convnetjs).length, import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
import "@tensorflow/tfjs-backend-wasm";
console.log(await tf.setBackend("wasm"), tf.getBackend(), tf.env().get("IS_NODE"), tf.env().get("IS_BROWSER"));
console.log(await jax.init("wasm"), jax.defaultDevice("wasm"));
