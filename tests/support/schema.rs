//! As much of JSON Schema as `src/report/schema.json` uses. A validator crate
//! would triple the time that the tests take to build. Keywords that are not
//! known here are an error, so that none is silently ignored.

use serde_json::Value;

/// The first place where a value breaks the schema.
pub(crate) fn violation(schema: &Value, value: &Value) -> Option<String> {
    check(schema, schema, value, "").err()
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let wrong = |what: String| Err(format!("{}: {what}", if at.is_empty() { "/" } else { at }));
    for (keyword, rule) in schema.as_object().ok_or("a schema is an object")? {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let name =
                    rule.as_str().and_then(|r| r.strip_prefix("#/$defs/")).ok_or("a reference to $defs")?;
                check(root, &root["$defs"][name], value, at)?;
            }
            "anyOf" => {
                let any = rule.as_array().ok_or("anyOf is a list")?;
                let errors: Vec<String> =
                    any.iter().filter_map(|s| check(root, s, value, at).err()).collect();
                if errors.len() == any.len() {
                    return wrong(format!("fits none of: {}", errors.join("; ")));
                }
            }
            "type" => {
                let types: Vec<&Value> = rule.as_array().map_or(vec![rule], |list| list.iter().collect());
                if !types.iter().any(|name| is_type(name.as_str().unwrap_or(""), value)) {
                    return wrong(format!("{value} is not {rule}"));
                }
            }
            "const" if rule != value => return wrong(format!("{value} is not {rule}")),
            "enum" if !rule.as_array().is_some_and(|list| list.contains(value)) => {
                return wrong(format!("{value} is not one of {rule}"));
            }
            "const" | "enum" => {}
            "minimum" if value.as_i64() < rule.as_i64() => return wrong(format!("{value} is below {rule}")),
            "minimum" => {}
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().unwrap_or("")).map_err(|e| e.to_string())?;
                if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                    return wrong(format!("{value} does not match {rule}"));
                }
            }
            "required" => {
                for key in rule.as_array().ok_or("required is a list")? {
                    if value.is_object() && value.get(key.as_str().unwrap_or("")).is_none() {
                        return wrong(format!("{key} is missing"));
                    }
                }
            }
            "properties" => {
                for (key, rule) in rule.as_object().ok_or("properties is an object")? {
                    if let Some(value) = value.get(key) {
                        check(root, rule, value, &format!("{at}/{key}"))?;
                    }
                }
            }
            "additionalProperties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    check(root, rule, value, &format!("{at}/{key}"))?;
                }
            }
            "items" => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, value, &format!("{at}/{index}"))?;
                }
            }
            other => return Err(format!("keyword {other} is not known to this checker")),
        }
    }
    Ok(())
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}
