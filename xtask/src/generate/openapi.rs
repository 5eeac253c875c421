//! `openapi.json`: the OpenAPI 3.1 document that every node serves.

use anyhow::Result;

/// The document.
pub fn text() -> Result<String> {
    let document = tongban_api::openapi::document(&tongban_modules::specs());
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// Every `$ref` of a document, and the place where it stands.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_component_and_every_component_is_used() {
        let document = tongban_api::openapi::document(&tongban_modules::specs());
        let mut found = Vec::new();
        references(&document, &mut found);
        for reference in &found {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
        let components = document["components"]["schemas"].as_object().expect("components");
        for name in components.keys() {
            let reference = format!("#/components/schemas/{name}");
            assert!(found.contains(&reference.as_str()), "{name} is used nowhere");
        }
        assert!(components.contains_key("EvidenceCallRegister"));
    }
}
