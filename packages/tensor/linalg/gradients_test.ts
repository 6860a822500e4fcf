import { testGradients } from "../ops/grad_cases_test.ts";

testGradients("../linalg/gradients");
