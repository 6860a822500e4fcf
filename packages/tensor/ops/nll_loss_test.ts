import { testGradients } from "./grad_cases_test.ts";

testGradients("nll_loss");
