// Lets walk.go declare a function without a body.
