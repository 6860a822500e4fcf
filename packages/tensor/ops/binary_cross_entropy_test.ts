import { testGradients } from "./grad_cases_test.ts";

testGradients("binary_cross_entropy");
